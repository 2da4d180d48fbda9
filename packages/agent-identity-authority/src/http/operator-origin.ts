import type { ChangeOrigin } from '../audit/audit-entry.js';
import type { OperationContext } from './operation.js';

/** On whose behalf an operation of administrators changes something, for the audit log. */
export function operatorOrigin(context: OperationContext): ChangeOrigin {
  return { actor: `operator:${context.get('principal').name}` };
}
