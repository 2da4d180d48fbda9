import * as z from 'zod';
import { isStorableText } from './storable-text.js';

/** Where a runtime or a task stands in its list: by its time, and by its id among those of one time. */
export const rowPlaceSchema: z.ZodType<readonly [number, string]> = z.tuple([
  z.int(),
  z.string().refine(isStorableText),
]);

/** Where a row of the audit log stands: by its number. */
export const auditPlaceSchema: z.ZodType<readonly [number]> = z.tuple([z.int()]);
