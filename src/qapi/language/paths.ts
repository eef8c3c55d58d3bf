// Paths of included schema files. Purely textual: nothing here looks at a file system.

/** Removes `.` and, where a folder stands before it, `..`. */
export function normalizePath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    const last = parts.at(-1);
    if (part === '..' && last !== undefined && last !== '..') parts.pop();
    else if (part !== '..' || !path.startsWith('/')) parts.push(part);
  }
  const joined = parts.join('/');
  return path.startsWith('/') ? `/${joined}` : joined || '.';
}

export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash + 1);
}

/** `path` as seen from the folder that `from` lies in. */
export function resolveBeside(from: string, path: string): string {
  return path.startsWith('/') ? normalizePath(path) : normalizePath(folderOf(from) + path);
}

/** A module's name: its path from the root file's folder, without the ending. */
export function moduleNameOf(root: string, path: string): string {
  const folder = folderOf(normalizePath(root));
  const relative = folder !== '' && path.startsWith(folder) ? path.slice(folder.length) : path;
  return relative.replace(/\.json$/, '');
}
