/**
 * Returns the name of a member that an object has twice. `JSON.parse` would take the last one, and a proxy in front perhaps the first.
 *
 * @param text A document known to be JSON.
 */
export function findDuplicateMember(text: string): string | undefined {
  /** The names so far of each open object; `undefined` for an array. */
  const open: (Set<string> | undefined)[] = [];
  let lastString = '""';
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token.startsWith('"')) lastString = token;
    else if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token !== ':') open.pop();
    else {
      const name = JSON.parse(lastString) as string;
      const names = open.at(-1);
      if (names?.has(name)) return name;
      names?.add(name);
    }
  }
  return undefined;
}
