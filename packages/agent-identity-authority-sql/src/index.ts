export { isAgentIdentityError } from 'agent-identity-core';
export type { StoreCopy } from './copy/copy-store.js';
export { copyStore } from './copy/copy-store.js';
export type { AuthoritySqlErrorCode } from './errors.js';
export { openStore } from './open-store.js';
export type { StoreEffects, StoreOptions } from './store-options.js';
