export { isAgentIdentityError } from 'agent-identity-core';
export type { Auth, AuthDescription, AuthKind, AuthOrigin } from './auth/auth.js';
export type { AuthOptions } from './auth/auth-options.js';
export { loadAuth } from './auth/load-auth.js';
export type { ProviderAuthError, ProviderAuthErrorCode } from './errors.js';
export type { ProviderFetchEffects } from './fetch/provider-fetch.js';
export { providerFetch } from './fetch/provider-fetch.js';
export type {
  ApiKeyProviderOptions,
  BearerProviderOptions,
  FirstPartyProviderOptions,
  NoAuthProviderOptions,
  ProviderOptions,
} from './provider/define-provider.js';
export { defineProvider } from './provider/define-provider.js';
export type { Provider, ProviderKind } from './provider/provider.js';
export { credentialHeaderNames, sdkApiKeyPlaceholder } from './request/credential-headers.js';
export type { ProviderAnswer, ProviderCredentials } from './request/request-credentials.js';
export type { ProviderAuthEffects, ProviderAuthRequest } from './resolve-provider-auth.js';
export { resolveProviderAuth } from './resolve-provider-auth.js';
export type {
  ActingAgent,
  CredentialKind,
  ProviderAuthDescription,
  ResolvedProviderAuth,
} from './resolved-provider-auth.js';
export type { RunEvent, RunObserver, RunOperation, RunOperationResult } from './run/run-observer.js';
export type { RunScope, RunScopeOptions } from './run/run-scope.js';
export { createRunScope } from './run/run-scope.js';
