/** Named sets of time limits (DL-1), in the words of the file. */
export const TIMEOUT_PRESETS = {
  default: timeouts("5s", "3s", "2s"),
  strict: timeouts("3s", "2s", "1s"),
  relaxed: timeouts("10s", "5s", "3s"),
} as const;

/** Named sets of circuit breaker parameters (CB), in the words of the file. */
export const BREAKER_PRESETS = {
  default: breaker([5, 60, 10, 30, 1, 0.7, 3]),
  strict: breaker([3, 30, 5, 15, 1, 0.8, 2]),
  lenient: breaker([10, 120, 20, 60, 1, 0.6, 5]),
} as const;

function timeouts(completion: string, embedding: string, health: string) {
  const stream = { stream_idle: "5s", stream_max: "300s" };
  return { completion, embedding, health, ...stream, max: "600s", strict: false };
}

function breaker(values: readonly [number, number, number, number, number, number, number]) {
  return {
    failure_threshold: values[0],
    failure_window_secs: values[1],
    min_request_threshold: values[2],
    recovery_timeout_secs: values[3],
    max_repair_attempts: values[4],
    success_rate_threshold: values[5],
    half_open_max_requests: values[6],
  };
}
