export { responsesRules } from './allow-list/responses-rules.js';
export type { RequestLog } from './program/request-log.js';
export { openRequestLog } from './program/request-log.js';
export { brokerEnvironment, runWithBroker } from './program/run-with-broker.js';
