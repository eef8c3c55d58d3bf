// Where layers and chardevs look up the objects that their options name.

/** Named objects that live outside the chardevs: TLS credentials, secrets, authorization. */
export interface ObjectResolver {
  object(id: string): NamedObject | undefined;
  /** Whether the authz object admits this name; without this method, as with a missing object, nobody is. */
  authorize?(id: string, name: string): boolean;
}

export interface NamedObject {
  /** Its qom-type, "tls-creds-x509". */
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}
