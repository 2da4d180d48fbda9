import * as z from 'zod';
import { signatureGrammar } from '../assertion/read-envelope.js';
import { idSchema } from './id.js';

/** The JSON inside an assertion header, its members in wire order (docs/protocol.md section 3). */
export interface AgentAssertionEnvelope {
  agent_runtime_id: string;
  signature: string;
  task_id: string;
  timestamp: string;
}

/**
 * The shape of the envelope. Reading a header takes more than its shape: use `parseAgentAssertion`, which also
 * refuses duplicate members and every encoding but the byte-exact one.
 */
export const agentAssertionEnvelopeSchema: z.ZodType<AgentAssertionEnvelope> = z.strictObject({
  agent_runtime_id: idSchema,
  signature: z.string().regex(new RegExp(`^${signatureGrammar}$`)),
  task_id: idSchema,
  timestamp: z.iso.datetime({ precision: 0 }),
});
