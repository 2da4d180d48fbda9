import { describeType } from 'agent-identity-core';
import { sqlError } from './errors.js';

/** The meaning of a store URL. */
export type StoreLocation =
  | { readonly kind: 'memory' }
  | { readonly kind: 'pglite'; readonly folder: string }
  /** The URL may contain a password. */
  | { readonly kind: 'postgres'; readonly url: string };

/** @throws AgentIdentityError `unsupported_store_url`, without the URL */
export function readStoreUrl(url: string): StoreLocation {
  if (url === 'memory:') return { kind: 'memory' };
  const [, folder] = /^pglite:(.+)$/s.exec(url) ?? [];
  if (folder !== undefined) return { kind: 'pglite', folder };
  if (/^postgres(?:ql)?:\/\//.test(url) && URL.canParse(withHost(url))) return { kind: 'postgres', url };
  throw sqlError(
    'unsupported_store_url',
    `store URL: expected "memory:", "pglite:DIR" or "postgres://…", got ${describeType(url)}`,
  );
}

/** `postgres://user@/database?host=/socket/folder` has no host, which is no URL for the parser. */
function withHost(url: string): string {
  return url.replace(/^(\w+:\/\/[^/]*@)\//, '$1localhost/');
}
