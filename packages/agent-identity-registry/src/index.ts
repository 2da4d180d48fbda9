export type { AgentIdentityAuth } from './agent-identity-auth.js';
export type { AuthapiBaseUrlOptions } from './authapi-base-url.js';
export { resolveAuthapiBaseUrl } from './authapi-base-url.js';
export type { RegistryErrorCode } from './errors.js';
export type { AgentRuntimeRegistration } from './register-agent-runtime.js';
export { registerAgentRuntime } from './register-agent-runtime.js';
export type { AgentTaskRegistration } from './register-agent-task.js';
export { registerAgentTask } from './register-agent-task.js';
export type {
  RegistrationErrorCode,
  RegistrationErrorDetails,
  RegistrationOperation,
} from './registration-error.js';
export { isRegistrationError, RegistrationError } from './registration-error.js';
export { agentRegistrationUrl, taskRegistrationUrl } from './registration-url.js';
export type { AgentIdentityAuthOptions } from './start-agent-identity-auth.js';
export { startAgentIdentityAuth } from './start-agent-identity-auth.js';
