import * as z from 'zod';
import { signatureGrammar } from '../assertion/read-envelope.js';

/** The body of `POST {authapi}/v1/agent/{agent_runtime_id}/task/register`: these two members (docs/protocol.md section 5). */
export interface TaskRegistrationRequest {
  timestamp: string;
  signature: string;
}

/** The body of a task registration, strictly; whether it verifies is for `verifyTaskRegistration`. */
export const taskRegistrationRequestSchema: z.ZodType<TaskRegistrationRequest> = z.strictObject({
  timestamp: z.iso.datetime({ precision: 0 }),
  signature: z.string().regex(new RegExp(`^${signatureGrammar}$`)),
});

/**
 * The answer: a task id, plain or sealed, under either of two spellings. The first that is present counts; null is read
 * as not present.
 */
export interface TaskRegistrationResponse {
  task_id?: string | undefined;
  taskId?: string | undefined;
  /** Standard base64 of a sealed box; see `openSealedTaskId`. */
  encrypted_task_id?: string | undefined;
  encryptedTaskId?: string | undefined;
}

const optionalText = z
  .string()
  .nullish()
  .transform((text) => text ?? undefined);

/** Reads the answer; which of its members counts is for the client (docs/protocol.md section 5). */
export const taskRegistrationResponseSchema: z.ZodType<TaskRegistrationResponse> = z.object({
  task_id: optionalText,
  taskId: optionalText,
  encrypted_task_id: optionalText,
  encryptedTaskId: optionalText,
}) as z.ZodType<TaskRegistrationResponse>;
