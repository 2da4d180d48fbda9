export type { AgentKey } from './agent-key/agent-key.js';
export type { AgentPublicKey } from './agent-key/agent-public-key.js';
export { generateAgentKey } from './agent-key/generate-agent-key.js';
export { readAgentKey } from './agent-key/read-agent-key.js';
export { readSshPublicKey } from './agent-key/ssh-public-key.js';
export type { AgentSigner, SignerEffects, SignerWaitOptions } from './agent-signer/agent-signer.js';
export { requireAgentSigner } from './agent-signer/agent-signer.js';
export { signWithSigner } from './agent-signer/sign-outside.js';
export type {
  AgentAssertion,
  AssertionSubject,
  SignerAssertionSubject,
} from './assertion/agent-assertion.js';
export type { AssertionSigner } from './assertion/assertion-signer.js';
export { createAssertionSigner } from './assertion/assertion-signer.js';
export type { AsyncAssertionSigner } from './assertion/async-assertion-signer.js';
export { createAsyncAssertionSigner } from './assertion/async-assertion-signer.js';
export { createAgentAssertion } from './assertion/create-agent-assertion.js';
export { createAgentAssertionAsync } from './assertion/create-agent-assertion-async.js';
export { formatAgentAssertion } from './assertion/format-agent-assertion.js';
export { parseAgentAssertion } from './assertion/parse-agent-assertion.js';
export type { ValidityWindow } from './assertion/require-within-window.js';
export { isWithinWindow } from './assertion/require-within-window.js';
export type { VerifyAgentAssertionOptions } from './assertion/verify-agent-assertion.js';
export { verifyAgentAssertion } from './assertion/verify-agent-assertion.js';
export type { Clock } from './clock.js';
export type { AgentIdentityErrorOptions, CoreErrorCode } from './errors.js';
export { AgentIdentityError, describeType, isAgentIdentityError } from './errors.js';
export type { AsyncInstanceAssertionSigner } from './instance-assertion/async-instance-assertion-signer.js';
export {
  createAsyncInstanceAssertionSigner,
  createInstanceAssertionAsync,
} from './instance-assertion/async-instance-assertion-signer.js';
export type { AssertionGeneration } from './instance-assertion/detect-assertion-generation.js';
export { detectAssertionGeneration } from './instance-assertion/detect-assertion-generation.js';
export type {
  InstanceAssertion,
  InstanceAssertionEffects,
  InstanceAssertionSubject,
  SignerInstanceAssertionSubject,
} from './instance-assertion/instance-assertion.js';
export type { InstanceAssertionSigner } from './instance-assertion/instance-assertion-signer.js';
export {
  createInstanceAssertion,
  createInstanceAssertionSigner,
} from './instance-assertion/instance-assertion-signer.js';
export { parseInstanceAssertion } from './instance-assertion/parse-instance-assertion.js';
export type { VerifyInstanceAssertionOptions } from './instance-assertion/verify-instance-assertion.js';
export { verifyInstanceAssertion } from './instance-assertion/verify-instance-assertion.js';
export { openSealedTaskId } from './sealed-task-id/open-sealed-task-id.js';
export { sealTaskId } from './sealed-task-id/seal-task-id.js';
export type {
  SignedStatement,
  StatementKey,
  StatementKeys,
  StatementPurpose,
  VerifyStatementOptions,
} from './signed-statement/signed-statement.js';
export {
  readUnverifiedStatement,
  signStatement,
  verifyStatement,
} from './signed-statement/signed-statement.js';
export type { SignedTaskRegistration } from './task-registration/sign-task-registration.js';
export { signTaskRegistration } from './task-registration/sign-task-registration.js';
export { signTaskRegistrationAsync } from './task-registration/sign-task-registration-async.js';
export type { VerifyTaskRegistrationOptions } from './task-registration/verify-task-registration.js';
export { verifyTaskRegistration } from './task-registration/verify-task-registration.js';
