export { isAgentIdentityError } from 'agent-identity-core';
export type { AbuseGuardOptions, AssertionAbuse } from './abuse-guard.js';
export type {
  AgentDirectory,
  AgentRuntimeEntry,
  AgentRuntimeStatus,
  AgentTaskEntry,
  AgentTaskStatus,
  MaybePromise,
} from './agent-directory.js';
export type { AssertionContext, AssertionVerifier } from './assertion-verifier.js';
export { createAssertionVerifier } from './assertion-verifier.js';
export type { AssertionVerifierOptions } from './assertion-verifier-options.js';
export type { VerificationError, VerificationErrorCode } from './errors.js';
export type { MemoryDirectory } from './memory-directory.js';
export { memoryDirectory } from './memory-directory.js';
export type { AccountMatch } from './require-standing.js';
export type { VerificationFailureResponse } from './verification-failure-response.js';
export { verificationFailureResponse } from './verification-failure-response.js';
export type { VerifiedAgent } from './verified-agent.js';
