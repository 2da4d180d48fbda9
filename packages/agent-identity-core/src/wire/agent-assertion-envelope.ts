import * as z from 'zod/mini';
import { signatureGrammar } from '../assertion/read-envelope.js';
import { idSchema } from './id.js';

/** The JSON inside an assertion header, with its members in wire order (docs/protocol.md section 3). */
export interface AgentAssertionEnvelope {
  agent_runtime_id: string;
  signature: string;
  task_id: string;
  timestamp: string;
}

/**
 * Checks the shape of the envelope. To read a header, use `parseAgentAssertion`: it also refuses duplicate members and
 * every encoding that is not byte-exact.
 */
export const agentAssertionEnvelopeSchema: z.ZodMiniType<AgentAssertionEnvelope> = z.strictObject({
  agent_runtime_id: idSchema,
  signature: z.string().check(z.regex(new RegExp(`^${signatureGrammar}$`))),
  task_id: idSchema,
  timestamp: z.iso.datetime({ precision: 0 }),
});
