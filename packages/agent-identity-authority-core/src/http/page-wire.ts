import * as z from 'zod';

/** Which part of a list is asked for, as query parameters. */
export interface PageQuery {
  cursor?: string | undefined;
  limit?: number | undefined;
}

/** The members of a schema of such a query. */
export const pageQueryMembers: {
  readonly cursor: z.ZodType<string | undefined>;
  readonly limit: z.ZodType<number | undefined>;
} = {
  cursor: z.string().max(1024).optional().meta({ description: 'The next_cursor of the page before.' }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .optional()
    .meta({ description: 'How many at most; 100 by default.' }),
};

/** Where the next page begins; null after the last one. */
export const nextCursorSchema: z.ZodType<string | null> = z
  .string()
  .nullable()
  .meta({ description: 'Null after the last page.' });
