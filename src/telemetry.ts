export { openTelemetry } from './telemetry/open-telemetry'
export type { OpenTelemetryOptions } from './telemetry/open-telemetry'
export { prometheus } from './telemetry/prometheus'
export type { PromClient } from './telemetry/prometheus'
