import { createRequire } from "node:module";
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb.js";

export interface EngineLog {
  severity: "DEBUG" | "INFO" | "WARNING" | "ERROR";
  message: string;
  urn: string;
}

export interface FakeEngine {
  address: string;
  logs: EngineLog[];
  /** Drops every connection, as an engine does that was killed. */
  stop(): void;
}

const SEVERITIES = ["DEBUG", "INFO", "WARNING", "ERROR"] as const;

/** As much of an engine as a provider process talks to: it takes log messages and answers nothing else. */
export async function startFakeEngine(sdkFolder: string): Promise<FakeEngine> {
  const load = createRequire(`${sdkFolder}/package.json`);
  const { EngineService } = load(
    "./proto/engine_grpc_pb.js",
  ) as typeof import("@pulumi/pulumi/proto/engine_grpc_pb.js");
  const empty = load("google-protobuf/google/protobuf/empty_pb.js") as { Empty: new () => object };
  const logs: EngineLog[] = [];
  const server = new Server();
  server.addService(EngineService, {
    log(call: ServerUnaryCall<LogRequest, object>, answer: sendUnaryData<object>) {
      const { request } = call;
      const severity = SEVERITIES[request.getSeverity()] ?? "ERROR";
      logs.push({ severity, message: request.getMessage(), urn: request.getUrn() });
      answer(null, new empty.Empty());
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { address: `127.0.0.1:${port}`, logs, stop: () => server.forceShutdown() };
}
