import * as z from 'zod';

/** The error bodies that clients of the protocol know (section 11). */
export interface ErrorBody {
  error: {
    /** Such as `invalid_task_id`, `task_not_found`, `task_expired`, `invalid_agent_runtime_id`. */
    code?: string | null | undefined;
    /** Such as `Agent runtime has been deleted.`, which clients know. */
    message?: string | null | undefined;
    type?: string | null | undefined;
  };
}

/** Reads an error body; other members are dropped. */
export const errorBodySchema: z.ZodType<ErrorBody> = z.object({
  error: z.object({
    code: z.string().nullish(),
    message: z.string().nullish(),
    type: z.string().nullish(),
  }),
});
