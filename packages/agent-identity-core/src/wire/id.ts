import * as z from 'zod/mini';
import { isId } from '../assertion/require-id.js';

/** An id of the protocol: opaque, not blank, and encodable as UTF-8. */
export const idSchema: z.ZodMiniType<string> = z
  .string()
  .check(z.refine(isId, 'expected a non-blank Unicode string'));
