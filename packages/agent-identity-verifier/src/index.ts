export type { AssertionGeneration } from 'agent-identity-core';
export { isAgentIdentityError } from 'agent-identity-core';
export type {
  AgentActor,
  AgentDirectory,
  AgentFacts,
  AgentRuntimeEntry,
  AgentRuntimeStatus,
  AgentTaskEntry,
  AgentTaskStatus,
  MaybePromise,
  RuntimeAgentInstanceEntry,
  RuntimeAgentInstanceStatus,
} from './agent-directory.js';
export type { AssertionContext, AssertionVerifier, WatchOptions } from './assertion-verifier.js';
export { createAssertionVerifier } from './create-assertion-verifier.js';
export type { CreateAssertionVerifierOptions } from './create-assertion-verifier-options.js';
export type { VerifierFailureSource } from './create-failure-reporter.js';
export type { VerificationError, VerificationErrorCode } from './errors.js';
export type { ReplayLimitExceeded, ReplayLimiterOptions } from './first-generation/replay-limiter.js';
export type { AccountMatch } from './first-generation/require-active.js';
export type { MemoryDirectory } from './memory-directory.js';
export { memoryDirectory } from './memory-directory.js';
export type { MemoryReplayStoreOptions } from './replay-store/memory-replay-store.js';
export { memoryReplayStore } from './replay-store/memory-replay-store.js';
export type { ReplayStore } from './replay-store/replay-store.js';
export type { BearerContext, VerifyBearer } from './second-generation/bearer-check.js';
export type { ReplayStoreFailureMode } from './second-generation/single-use-check.js';
export type { VerificationFailureResponse } from './verification-failure-response.js';
export { verificationFailureResponse } from './verification-failure-response.js';
export type {
  VerifiedAgent,
  VerifiedAgentInstance,
  VerifiedAgentOf,
  VerifiedAgentRuntime,
} from './verified-agent.js';
