import * as z from 'zod';

/** The error bodies that clients of the protocol recognize (docs/protocol.md section 11). */
export interface ErrorBody {
  error: {
    /** For example `invalid_task_id`, `task_not_found`, `task_expired`, `invalid_agent_runtime_id`. */
    code?: string | null | undefined;
    /** For example `Agent runtime has been deleted.`, which clients recognize. */
    message?: string | null | undefined;
    type?: string | null | undefined;
  };
}

/** Reads an error body and drops unknown members. */
export const errorBodySchema: z.ZodType<ErrorBody> = z.object({
  error: z.object({
    code: z.string().nullish(),
    message: z.string().nullish(),
    type: z.string().nullish(),
  }),
});
