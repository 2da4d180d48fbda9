import { describeType } from 'agent-identity-core';
import { sqlError } from './errors.js';
import { splitHosts } from './postgres/postgres-servers.js';

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
  if (/^postgres(?:ql)?:\/\//.test(url) && areServers(splitHosts(url))) return { kind: 'postgres', url };
  throw sqlError(
    'unsupported_store_url',
    `store URL: expected "memory:", "pglite:DIR" or "postgres://…", got ${describeType(url)}`,
  );
}

/** `postgres://user@/database?host=/socket/folder` has no host, which is no URL for the parser. Of several, each has one. */
function areServers(urls: readonly string[]): boolean {
  const noHost = /^(\w+:\/\/(?:[^/]*@)?)\//;
  const replacement = urls.length === 1 ? '$1localhost/' : '';
  return urls.every((url) => URL.canParse(url.replace(noHost, replacement)));
}
