import { isWithinWindow, parseAgentAssertion, parseInstanceAssertion } from 'agent-identity-core';
import { describeTime } from './describe-time.js';
import { explainMember } from './explain-member.js';
import type { Inspection } from './inspection.js';

/**
 * Explains an agent assertion (docs/protocol.md section 3).
 *
 * @throws AgentIdentityError `malformed_assertion`
 */
export function inspectAssertion(headerValue: string, now: number): Inspection {
  const { agentRuntimeId, taskId, timestamp, signature } = parseAgentAssertion(headerValue);
  const members = [
    explainMember('agent_runtime_id', agentRuntimeId),
    explainMember('signature', signature),
    explainMember('task_id', taskId),
    explainMember('timestamp', timestamp),
  ];
  const signedAt = Date.parse(timestamp);
  const notes = noteWindow(signedAt, now, { maxAgeSeconds: 300, leewaySeconds: 300 });
  return { form: 'agent_assertion', title: 'agent assertion', section: '3', members, isSigned: true, notes };
}

/**
 * Explains an assertion of the second generation (docs/protocol-instances.md section 4).
 *
 * @throws AgentIdentityError `malformed_instance_assertion`
 */
export function inspectInstanceAssertion(value: string, now: number): Inspection {
  const assertion = parseInstanceAssertion(value);
  const members = [
    explainMember('version', 1),
    explainMember('runtime_agent_instance', assertion.runtimeAgentInstanceId),
    explainMember('iat', assertion.issuedAtSeconds),
    explainMember('id', assertion.id),
    explainMember('signature', assertion.signature),
  ];
  const signedAt = assertion.issuedAtSeconds * 1000;
  const notes = noteWindow(signedAt, now, { maxAgeSeconds: 60, leewaySeconds: 60 });
  const title = 'assertion of a runtime agent instance';
  return {
    form: 'instance_assertion',
    title,
    section: 'protocol-instances 4',
    members,
    isSigned: true,
    notes,
  };
}

function noteWindow(
  signedAt: number,
  now: number,
  window: { readonly maxAgeSeconds: number; readonly leewaySeconds: number },
): string[] {
  const state = isWithinWindow(signedAt / 1000, now, window) ? 'inside' : 'outside';
  return [`Signed ${describeTime(signedAt, now)}: ${state} the default window of ${window.maxAgeSeconds} s.`];
}
