import * as z from 'zod/mini';
import { signatureGrammar } from '../assertion/read-envelope.js';

/** The body of `POST {authapi}/v1/agent/{agent_runtime_id}/task/register` (docs/protocol.md section 5). */
export interface TaskRegistrationRequest {
  timestamp: string;
  signature: string;
}

/** Reads the body of a task registration and refuses unknown members. Does not check the signature: use `verifyTaskRegistration`. */
export const taskRegistrationRequestSchema: z.ZodMiniType<TaskRegistrationRequest> = z.strictObject({
  timestamp: z.iso.datetime({ precision: 0 }),
  signature: z.string().check(z.regex(new RegExp(`^${signatureGrammar}$`))),
});

/**
 * The response to a task registration: a task id, plain or sealed, each in two spellings. The first one present counts;
 * null means absent.
 */
export interface TaskRegistrationResponse {
  task_id?: string | undefined;
  taskId?: string | undefined;
  /** Standard base64 of a sealed box. Open it with `openSealedTaskId`. */
  encrypted_task_id?: string | undefined;
  encryptedTaskId?: string | undefined;
}

const optionalText = z.pipe(
  z.nullish(z.string()),
  z.transform((text) => text ?? undefined),
);

/** Reads the response. The caller picks the member that counts (docs/protocol.md section 5). */
export const taskRegistrationResponseSchema: z.ZodMiniType<TaskRegistrationResponse> = z.object({
  task_id: optionalText,
  taskId: optionalText,
  encrypted_task_id: optionalText,
  encryptedTaskId: optionalText,
}) as z.ZodMiniType<TaskRegistrationResponse>;
