export { isAgentIdentityError } from 'agent-identity-core';
export type { CopyStoreOptions } from './copy/copy-store.js';
export { copyStore } from './copy/copy-store.js';
export type { AuthoritySqlErrorCode } from './errors.js';
export { inspectStore } from './inspect-store.js';
export { openStore } from './open-store.js';
export type { OpenStoreEffects, OpenStoreOptions } from './open-store-options.js';
export type { StoreInspection } from './sql/store-inspection.js';
