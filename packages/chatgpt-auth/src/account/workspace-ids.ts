import * as z from 'zod';

/**
 * The forced workspaces: an array of strings that are not blank. Anything else must be refused: a single string would be
 * searched for any part of it, and allow accounts that nobody named.
 */
export const workspaceIdsSchema: z.ZodType<readonly string[]> = z.array(
  z.string().refine((id) => id.trim() !== '', 'expected a string that is not blank'),
);
