export type { HttpEffects } from './http-effects.js';
export { readBoundedText } from './read-bounded-text.js';
export { redactCredentials } from './redact-credentials.js';
export type { SecureUrlOptions } from './require-secure-url.js';
export { requireSecureUrl } from './require-secure-url.js';
