export type { OpenTelemetryOptions } from './open-telemetry-observer.js';
export { openTelemetryObserver } from './open-telemetry-observer.js';
