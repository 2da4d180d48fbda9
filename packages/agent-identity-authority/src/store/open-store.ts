import { kindOf } from 'agent-identity-core';
import { authorityError } from '../errors.js';
import type { AuthorityStore } from './authority-store.js';
import { memoryStore } from './memory/memory-store.js';

/**
 * Opens a store by its URL. So far there is one: `memory:`, which forgets everything when the process ends.
 *
 * @param url May hold a password; never part of an error.
 * @throws AgentIdentityError `unsupported_store_url`
 */
export async function openStore(url: string): Promise<AuthorityStore> {
  if (url === 'memory:') return memoryStore();
  throw authorityError('unsupported_store_url', `store URL: expected "memory:", got ${kindOf(url)}`);
}
