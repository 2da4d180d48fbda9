import * as z from 'zod';
import { isId } from '../assertion/require-id.js';

/** An id of the protocol: opaque, not blank, and encodable as UTF-8. */
export const idSchema: z.ZodType<string> = z.string().refine(isId, 'expected a non-blank Unicode string');
