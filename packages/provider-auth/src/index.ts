export { isAgentIdentityError } from 'agent-identity-core';
export { credentialHeaderNames, sdkApiKeyPlaceholder } from './credentials/credential-headers.js';
export type { ActingAgent, ActingInstance, CredentialKind } from './credentials/credential-source.js';
export type { ProviderCredentials, ProviderResponse } from './credentials/provider-credentials.js';
export type { ProviderAuthError, ProviderAuthErrorCode } from './errors.js';
export type { ProviderFetchEffects } from './fetch/provider-fetch.js';
export { providerFetch } from './fetch/provider-fetch.js';
export type { RuntimeAgentInstancesOptions } from './instances/runtime-agent-instances.js';
export type {
  ApiKeyProviderOptions,
  BearerProviderOptions,
  CommonProviderOptions,
  DefineProviderOptions,
  FirstPartyProviderOptions,
  NoAuthProviderOptions,
} from './provider/define-provider.js';
export { defineProvider } from './provider/define-provider.js';
export type { Provider, ProviderKind } from './provider/provider.js';
export type {
  ResolveProviderAuthEffects,
  ResolveProviderAuthOptions,
} from './provider/resolve-provider-auth.js';
export { resolveProviderAuth } from './provider/resolve-provider-auth.js';
export type { ProviderAuthDescription, ResolvedProviderAuth } from './provider/resolved-provider-auth.js';
export type { RunEvent, RunObserver, RunOperation, RunOperationResult } from './run/run-observer.js';
export type { CreateRunScopeOptions, RunScope } from './run/run-scope.js';
export { createRunScope } from './run/run-scope.js';
export { loadAuth } from './session/load-auth.js';
export type { LoadAuthOptions, OpenedLogin } from './session/load-auth-options.js';
export type {
  SessionAuth,
  SessionAuthDescription,
  SessionAuthKind,
  SessionAuthOrigin,
} from './session/session-auth.js';
