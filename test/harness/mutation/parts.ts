/** Code that is mutated, and the tests that are to notice: quick ones, each of which may run hundreds of times. */
export interface Part {
  name: string;
  mutate: readonly string[];
  tests: readonly string[];
}

export const parts: readonly Part[] = [
  {
    name: "values",
    mutate: [
      "provider/core/{adoption,arguments,basic,canonical,checking,errors,farewell,key-generation,ledger,names}.ts",
      "provider/core/{networks,once,operation,provider-text,proxy,redact,resource,retry,secrecy,setting-keys}.ts",
      "provider/core/{settings,spelling,twins,values,wire}.ts",
    ],
    tests: [
      "test/unit/{adoption,basic,canonical,checking,classes,command-settings,connections,doctor-network,errors}.test.ts",
      "test/unit/{hostile-values,http,ledger,names,once,operation,provider-text,proxy,redact,retry}.test.ts",
      "test/unit/{farewell,key-generation,networks,s3-network,secrecy,settings,spelling,tenancy,twins,values,wire}.test.ts",
    ],
  },
  {
    name: "connection",
    mutate: [
      "provider/core/{authentication,connections,dispatcher,http,log,never-sent,places,probe,probe-tls}.ts",
      "provider/core/{tls,transport,watchdog}.ts",
    ],
    tests: [
      "test/unit/{connections,dispatcher,doctor-network,doctor-trust,ecs-session,http*,log,never-sent,probe}.test.ts",
      "test/unit/{places,probe-tls,proxy,retry,s3-client,tls,transport,watchdog}.test.ts",
    ],
  },
  {
    name: "lifecycle",
    mutate: ["provider/core/{creation,engine,handler,lifecycle,progress,takeover}.ts"],
    tests: ["test/unit/{checking,creation,engine-address,ledger,lifecycle*,takeover}.test.ts"],
  },
  {
    name: "cloudian",
    mutate: ["provider/cloudian/*.handler.ts"],
    tests: ["test/unit/{canonical,checking,cloudian-*,kinds}.test.ts"],
  },
  {
    name: "roster",
    mutate: ["provider/components/*.handler.ts"],
    tests: ["test/unit/{checking,kinds,roster}.test.ts"],
  },
  {
    name: "ecs",
    mutate: ["provider/ecs/*.handler.ts"],
    tests: ["test/unit/{ecs-*,kinds}.test.ts"],
  },
  {
    name: "s3",
    mutate: ["provider/s3/*.handler.ts"],
    tests: ["test/unit/{checking,kinds,s3-*}.test.ts"],
  },
  {
    name: "cloudstack",
    mutate: ["provider/cloudstack/*.handler.ts"],
    tests: ["test/unit/{checking,cloudstack-*,kinds}.test.ts"],
  },
];
