import * as z from 'zod/mini';
import type { ServerError } from './read-error-body.js';

/** The error body that servers of the protocol send (docs/protocol.md section 11). */
export interface ErrorBody {
  error: ServerError;
}

/** Reads an error body in the form `{ error: { … } }` and drops unknown members. See `readErrorBody` for other forms. */
export const errorBodySchema: z.ZodMiniType<ErrorBody> = z.object({
  error: z.object({
    code: z.nullish(z.string()),
    message: z.nullish(z.string()),
    type: z.nullish(z.string()),
  }),
});
