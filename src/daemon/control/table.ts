import type { Route } from "../routes.ts";
import { circuits } from "./circuits.ts";
import { runningConfig } from "./config.ts";
import type { Control } from "./control.ts";
import { controlRoute, openRoute } from "./control-route.ts";
import { events } from "./events.ts";
import { explainRoute } from "./explain.ts";
import { drain, reload, shutdown } from "./life.ts";
import { metricsHandler } from "./metrics.ts";
import { switchProvider } from "./providers.ts";
import { alive, ready } from "./readiness.ts";
import { costs, health, request } from "./reports.ts";
import { snapshot } from "./snapshot.ts";
import { status } from "./status.ts";

/** What an operator, a dashboard and a scraper ask of the daemon; beside the routes of route-table.ts. */
export function controlRoutes(control: Control): Readonly<Record<string, Route>> {
  return {
    "GET /riptide/v1/status": controlRoute(control, status),
    "GET /riptide/v1/config": controlRoute(control, runningConfig),
    "GET /riptide/v1/health": controlRoute(control, health),
    "GET /riptide/v1/snapshot": controlRoute(control, snapshot),
    "GET /riptide/v1/costs": controlRoute(control, costs),
    "GET /riptide/v1/requests/*": controlRoute(control, request),
    "GET /riptide/v1/events": controlRoute(control, events),
    "POST /riptide/v1/route/explain": openRoute(control, explainRoute),
    "POST /riptide/v1/circuits/*": controlRoute(control, circuits),
    "POST /riptide/v1/providers/*": controlRoute(control, switchProvider),
    "POST /riptide/v1/reload": controlRoute(control, reload),
    "POST /riptide/v1/drain": controlRoute(control, drain),
    "POST /riptide/v1/shutdown": controlRoute(control, shutdown),
    "GET /metrics": controlRoute(control, metricsHandler(control)),
    "GET /healthz": openRoute(control, alive),
    "GET /readyz": openRoute(control, ready),
  };
}
