import * as z from 'zod';

/** The settings of the console. */
export const consoleSchema: z.ZodObject<{
  enabled: z.ZodDefault<z.ZodBoolean>;
  hosts: z.ZodOptional<z.ZodArray<z.ZodString>>;
}> = z.strictObject({
  enabled: z.boolean().default(false).meta({
    description: 'Whether to serve the web page of administrators at /console.',
  }),
  hosts: z
    .array(z.string().regex(/^[\w.-]+$/, 'expected a host name without a scheme and a port'))
    .min(1)
    .optional()
    .meta({
      description:
        'The host names in the URL of the console, such as agents.example.com; those of this machine by default.',
    }),
});
