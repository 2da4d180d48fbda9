import { carriesAgentKey } from 'agent-identity-core/http';

/** The members that only an agent identity has, as others may spell them. */
const identityMembers = ['agent_runtime_id', 'agent_private_key', 'agentRuntimeId', 'agentPrivateKey'];

/**
 * Looks for an agent identity anywhere in a document: a record by its members, also as JSON in a string, and a JWT by the
 * claim with the private key. A file that contains one must not count as a file without a login.
 *
 * @returns the path of the member, such as `auth.identity.agent_runtime_id`; `undefined` if there is none
 */
export function findMisplacedIdentity(document: unknown): string | undefined {
  // A list instead of recursion: a document may be nested deeply.
  const places: { readonly path: string; readonly value: unknown }[] = [{ path: '', value: document }];
  for (const { path, value } of places) {
    if (typeof value === 'string' && holdsIdentity(value)) return path;
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, member] of Object.entries(value)) {
      const memberPath = path === '' ? name : `${path}.${name}`;
      if (identityMembers.includes(name)) return memberPath;
      places.push({ path: memberPath, value: member });
    }
  }
  return undefined;
}

function holdsIdentity(text: string): boolean {
  return identityMembers.some((name) => text.includes(name)) || carriesAgentKey(text);
}
