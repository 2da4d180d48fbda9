export type { AgentAssertionEnvelope } from './agent-assertion-envelope.js';
export { agentAssertionEnvelopeSchema } from './agent-assertion-envelope.js';
export type { AgentIdentityClaims } from './agent-identity-claims.js';
export { agentIdentityClaimsSchema } from './agent-identity-claims.js';
export type { AgentIdentityRecord, KeylessAgentIdentityRecord } from './agent-identity-record.js';
export { agentIdentityRecordSchema, keylessAgentIdentityRecordSchema } from './agent-identity-record.js';
export type {
  AgentBillOfMaterials,
  AgentRegistrationRequest,
  AgentRegistrationResponse,
  RegisteredAccount,
} from './agent-registration.js';
export {
  agentBillOfMaterialsSchema,
  agentRegistrationRequestSchema,
  agentRegistrationResponseSchema,
} from './agent-registration.js';
export type { ErrorBody } from './error-body-schema.js';
export { errorBodySchema } from './error-body-schema.js';
export { explainSchemaError } from './explain-schema-error.js';
export { hideKeyFromInspect } from './hide-key-from-inspect.js';
export type {
  ActorAuth,
  InstanceActor,
  InstanceMetadata,
  InstanceRegistrationRequest,
  InstanceRegistrationResponse,
} from './instance-registration.js';
export {
  actorAuthSchema,
  instanceActorSchema,
  instanceMetadataSchema,
  instanceRegistrationRequestSchema,
  instanceRegistrationResponseSchema,
} from './instance-registration.js';
export type { KnownPlanType, PlanType } from './plan-type.js';
export { knownPlanTypes, normalizePlanType, planTypeSchema } from './plan-type.js';
export type { ServerError } from './read-error-body.js';
export { isAgentRuntimeDeleted, isTaskGone, readErrorBody } from './read-error-body.js';
export type { RuntimeErrorCode } from './runtime-error-code.js';
export { runtimeErrorCodeSchema } from './runtime-error-code.js';
export type {
  ChildRegistrationResponse,
  ChildRegistrationStatement,
  KeyChangeResponse,
  KeyChangeStatement,
} from './signed-statement.js';
export {
  childRegistrationResponseSchema,
  childRegistrationStatementSchema,
  keyChangeResponseSchema,
  keyChangeStatementSchema,
  signedStatementSchema,
} from './signed-statement.js';
export type { TaskRegistrationRequest, TaskRegistrationResponse } from './task-registration.js';
export { taskRegistrationRequestSchema, taskRegistrationResponseSchema } from './task-registration.js';
