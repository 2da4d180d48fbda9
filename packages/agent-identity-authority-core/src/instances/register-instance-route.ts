import {
  type InstanceRegistrationResponse,
  instanceRegistrationRequestSchema,
} from 'agent-identity-core/wire';
import { toDirectoryActor } from 'agent-identity-verifier/directory-wire';
import * as z from 'zod';
import { authorityError } from '../errors.js';
import type { Operation, Route } from '../http/operation.js';
import { readJsonBody } from '../http/read-input.js';
import { wireActorSchema } from './admin-instance-wire.js';
import { type InstanceRegistrar, registerInstance } from './register-instance.js';

const responseSchema: z.ZodType<InstanceRegistrationResponse> = z.object({
  runtime_agent_instance_id: z.string(),
  agent_host_id: z.string(),
  actor: wireActorSchema,
});

const operation: Operation = {
  operationId: 'registerRuntimeAgentInstance',
  method: 'post',
  path: '/agent/register',
  summary: 'Registers a runtime agent instance for the actor of the credential in the body',
  access: 'public',
  body: instanceRegistrationRequestSchema,
  headers: { 'Idempotency-Key': 'A UUID. A repeat with the same body gets the same response.' },
  response: {
    description: 'The instance, and the actor that it acts for',
    schema: responseSchema,
  },
  errors: [
    'invalid_agent_public_key',
    'runtime_idempotency_key_invalid',
    'runtime_actor_invalid',
    'runtime_actor_source_inactive',
    'runtime_actor_conflict',
    'runtime_host_conflict',
    'runtime_registration_conflict',
    'runtime_instance_revoked',
    'authenticator_unavailable',
  ],
  // Clients of the second generation know these codes only (docs/protocol-instances.md section 6).
  errorCodes: {
    invalid_request: 'runtime_input_invalid',
    invalid_agent_public_key: 'runtime_input_invalid',
    request_too_large: 'runtime_input_too_large',
    too_many_requests: 'runtime_rate_limited',
    store_unavailable: 'runtime_verification_unavailable',
    authenticator_unavailable: 'runtime_verification_unavailable',
  },
};

/** Creates the route of docs/protocol-instances.md section 2. Its only success is status 200. */
export function createInstanceRegistrationRoute(registrar: InstanceRegistrar): Route {
  return {
    operation,
    async handle(context) {
      const idempotencyKey = readIdempotencyKey(context.req.header('idempotency-key'));
      const request = await readJsonBody(context, instanceRegistrationRequestSchema);
      const instance = await registerInstance(request, idempotencyKey, registrar);
      const body: InstanceRegistrationResponse = {
        runtime_agent_instance_id: instance.runtimeAgentInstanceId,
        agent_host_id: instance.agentHostId,
        actor: toDirectoryActor(instance.actor),
      };
      return context.json(body, 200);
    },
  };
}

function readIdempotencyKey(header: string | undefined): string {
  const key = header?.toLowerCase() ?? '';
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(key)) return key;
  throw authorityError(
    'runtime_idempotency_key_invalid',
    `Idempotency-Key: expected a UUID with hyphens, got ${header === undefined ? 'none' : 'another text'}.`,
  );
}
