export { isAgentIdentityError } from 'agent-identity-core';
export type {
  AgentActor,
  AgentDirectory,
  AgentRuntimeEntry,
  AgentRuntimeStatus,
  AgentTaskEntry,
  AgentTaskStatus,
  MaybePromise,
  RuntimeAgentInstanceEntry,
  RuntimeAgentInstanceStatus,
} from './agent-directory.js';
export type { AssertionContext, AssertionVerifier } from './create-assertion-verifier.js';
export { createAssertionVerifier } from './create-assertion-verifier.js';
export type { CreateAssertionVerifierOptions } from './create-assertion-verifier-options.js';
export type { VerificationError, VerificationErrorCode } from './errors.js';
export type { MemoryDirectory } from './memory-directory.js';
export { memoryDirectory } from './memory-directory.js';
export type { ReplayLimitExceeded, ReplayLimiterOptions } from './replay-limiter.js';
export type { AccountMatch } from './require-active.js';
export type { VerificationFailureResponse } from './verification-failure-response.js';
export { verificationFailureResponse } from './verification-failure-response.js';
export type { VerifiedAgent } from './verified-agent.js';
