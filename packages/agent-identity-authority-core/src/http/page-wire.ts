import * as z from 'zod';

/** The query parameters of a list: which page. */
export interface PageQuery {
  cursor?: string | undefined;
  limit?: number | undefined;
}

/** The members of a schema with these parameters. */
export const pageQueryMembers: {
  readonly cursor: z.ZodType<string | undefined>;
  readonly limit: z.ZodType<number | undefined>;
} = {
  cursor: z.string().max(1024).optional().meta({ description: 'The next_cursor of the previous page.' }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .optional()
    .meta({ description: 'The maximum number of items; 100 by default.' }),
};

/** The cursor of the next page; null on the last page. */
export const nextCursorSchema: z.ZodType<string | null> = z
  .string()
  .nullable()
  .meta({ description: 'Null on the last page.' });
