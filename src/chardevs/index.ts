// Character device backends and their registry: what the rest of qmpd may use of this folder.

export type { ObjectResolver } from './backend.ts';
export { ChardevRegistry } from './registry.ts';
export { type Layers, prepareLayers } from './socket/handshake.ts';
export { streamPeer } from './socket/peer.ts';
export type { ByteStream } from './socket/stream.ts';
