export { isAgentIdentityError } from 'agent-identity-core';
export type { IdTokenClaims } from './account/id-token-claims.js';
export { decodeUnverifiedIdToken } from './account/id-token-claims.js';
export type { ForcedLogin } from './account/require-allowed-credentials.js';
export { requireAllowedCredentials, requireAllowedWorkspace } from './account/require-allowed-credentials.js';
export { formatAuthJson } from './auth-json/format-auth-json.js';
export type { ParseAuthJsonOptions } from './auth-json/parse-auth-json.js';
export { parseAuthJson } from './auth-json/parse-auth-json.js';
export type {
  ChatgptCredentials,
  ChatgptTokens,
  StoredCredentials,
  TerminalReason,
} from './auth-json/stored-credentials.js';
export type { LookUpPersonalAccessTokenOptions } from './bearer/look-up-personal-access-token.js';
export { lookUpPersonalAccessToken } from './bearer/look-up-personal-access-token.js';
export type { CallOptions, ChatgptAccount, ChatgptAuth, RefreshTokensOptions } from './chatgpt-auth.js';
export type { ChatgptAuthErrorCode } from './errors.js';
export { openChatgptAuth } from './open-chatgpt-auth.js';
export type { ChatgptAuthEffects, OpenChatgptAuthOptions } from './open-chatgpt-auth-options.js';
export type { AgentIdentityPolicy } from './policy.js';
export { policyForFeature } from './policy.js';
export type { CodexEnvironment, Environment, EnvironmentCredentials } from './read-codex-environment.js';
export { classifyAccessToken, readCodexEnvironment } from './read-codex-environment.js';
export type { RuntimeAgentInstancesMode } from './runtime-agent-instances/feature-setting.js';
export { parseInstallationId } from './runtime-agent-instances/parse-installation-id.js';
export type {
  ResolveRuntimeAgentInstancesOptions,
  RuntimeAgentInstancesConfig,
} from './runtime-agent-instances/resolve-runtime-agent-instances.js';
export { resolveRuntimeAgentInstances } from './runtime-agent-instances/resolve-runtime-agent-instances.js';
export type { AuthStore, LockName } from './store/auth-store.js';
export type { MemoryAuthStore } from './store/memory-auth-store.js';
export { memoryAuthStore } from './store/memory-auth-store.js';
export type { TaskReplacement } from './store/replace-stored-task.js';
export { readStoredTask, replaceStoredTask } from './store/replace-stored-task.js';
export type { TerminalState } from './store/terminal-state.js';
export { rememberTerminalState } from './store/terminal-state.js';
