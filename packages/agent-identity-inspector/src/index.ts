export { isAgentIdentityError } from 'agent-identity-core';
export { describeSection } from './describe-section.js';
export type { InspectorErrorCode } from './errors.js';
export { inspectText } from './inspect-text.js';
export type { InspectedForm, InspectedMember, Inspection } from './inspection.js';
export { withoutHeaderName } from './without-header-name.js';
