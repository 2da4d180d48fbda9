import * as z from 'zod';
import { type Administrator, type AdministratorRole, administratorRoles } from './administrator.js';

/** The administrator whose token a request has, so that a console can offer only what the role may do. */
export interface CallingAdministrator {
  /** As in the audit log, after the role. */
  name: string;
  role: AdministratorRole;
  /** The accounts that the administrator is limited to; null without a limit. */
  account_ids: string[] | null;
}

/** The schema of {@link CallingAdministrator}. */
export const callingAdministratorSchema: z.ZodType<CallingAdministrator> = z.object({
  name: z.string(),
  role: z.enum(administratorRoles),
  account_ids: z
    .array(z.string())
    .nullable()
    .meta({ description: 'The accounts that the administrator is limited to; null without a limit.' }),
});

/**
 * Converts an administrator to the form in responses.
 *
 * @example
 * ```ts
 * import { toCallingAdministrator } from 'agent-identity-authority-core/admin-wire';
 *
 * toCallingAdministrator({ name: 'alice', role: 'viewer' }).account_ids; // null
 * ```
 */
export function toCallingAdministrator({ name, role, accountIds }: Administrator): CallingAdministrator {
  return { name, role, account_ids: accountIds === undefined ? null : [...accountIds] };
}
