export { isAgentIdentityError } from 'agent-identity-core';
export type { AgentIdentityRecord, KeylessAgentIdentityRecord } from 'agent-identity-core/wire';
export type { AgentIdentity, SignerAgentIdentity } from './agent-identity.js';
export { readAgentIdentity } from './agent-identity.js';
export type {
  AgentIdentityAuth,
  AsyncAgentIdentityAuth,
  CreateAgentIdentityAuthOptions,
} from './agent-identity-auth.js';
export { createAgentIdentityAuth } from './agent-identity-auth.js';
export type { ChangeAgentKeyOptions } from './change-agent-key.js';
export { changeAgentKey } from './change-agent-key.js';
export type {
  AgentIdentityAccount,
  CreateAgentIdentityRecordOptions,
} from './create-agent-identity-record.js';
export { createAgentIdentityRecord } from './create-agent-identity-record.js';
export type { EnrollAgentOptions, EnrollSignerOptions } from './enroll-agent.js';
export { enrollAgent } from './enroll-agent.js';
export type { RegistryErrorCode } from './errors.js';
export type {
  RegisterRuntimeAgentInstanceOptions,
  RuntimeAgentInstance,
} from './instances/register-runtime-agent-instance.js';
export { registerRuntimeAgentInstance } from './instances/register-runtime-agent-instance.js';
export type { ResolveInstanceBaseUrlOptions } from './instances/resolve-instance-base-url.js';
export { resolveInstanceBaseUrl } from './instances/resolve-instance-base-url.js';
export type { RegisterAgentRuntimeOptions } from './register-agent-runtime.js';
export { registerAgentRuntime } from './register-agent-runtime.js';
export type { ChildAgent, RegisterChildAgentOptions } from './register-child-agent.js';
export { registerChildAgent } from './register-child-agent.js';
export type { RegisterRunTaskOptions } from './register-run-task.js';
export { registerRunTask } from './register-run-task.js';
export type {
  RegistrationErrorCode,
  RegistrationErrorDetails,
  RegistrationOperation,
} from './registration-error.js';
export { isRegistrationError, RegistrationError } from './registration-error.js';
export { agentRegistrationUrl, taskRegistrationUrl } from './registration-url.js';
export type { ResolveAuthapiBaseUrlOptions } from './resolve-authapi-base-url.js';
export { resolveAuthapiBaseUrl } from './resolve-authapi-base-url.js';
export type { StartAgentIdentityAuthOptions, StartWithSignerOptions } from './start-agent-identity-auth.js';
export { startAgentIdentityAuth } from './start-agent-identity-auth.js';
