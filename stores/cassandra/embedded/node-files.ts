import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** How a node of Cassandra is run. */
export interface NodeSettings {
  /** Holds everything of it: configuration, data, commit log, its own log. */
  readonly folder: string;
  /** The address it listens on, a loopback one: nobody is asked for a password. */
  readonly host: string;
  readonly seeds: readonly string[];
  readonly cqlPort: number;
  readonly storagePort: number;
  readonly heapMb: number;
  /** Both acknowledge only what is on the disk: `group` waits 2 ms for others, `batch` does not (`periodic` would acknowledge before). */
  readonly commitLog: 'group' | 'batch' | 'periodic';
}

const SYNC = {
  group: 'commitlog_sync_group_window: 2ms',
  batch: '',
  periodic: 'commitlog_sync_period: 1000ms',
} as const satisfies Record<NodeSettings['commitLog'], string>;

/** Small: a node beside a gateway, not a machine of its own. https://cassandra.apache.org/doc/5.0/cassandra/managing/configuration/cass_yaml_file.html */
function yaml({ folder, host, seeds, cqlPort, storagePort, heapMb, commitLog }: NodeSettings): string {
  const memtableMb = Math.max(32, Math.floor(heapMb / 6));
  return `cluster_name: gatewright
num_tokens: 4
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: SimpleSnitch
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{ seeds: "${seeds.join(',')}" }]
listen_address: ${host}
rpc_address: ${host}
storage_port: ${storagePort}
native_transport_port: ${cqlPort}
auto_bootstrap: false
data_file_directories: [${JSON.stringify(path.join(folder, 'data'))}]
commitlog_directory: ${JSON.stringify(path.join(folder, 'commitlog'))}
saved_caches_directory: ${JSON.stringify(path.join(folder, 'saved_caches'))}
hints_directory: ${JSON.stringify(path.join(folder, 'hints'))}
cdc_raw_directory: ${JSON.stringify(path.join(folder, 'cdc_raw'))}
commitlog_sync: ${commitLog}
${SYNC[commitLog]}
commitlog_segment_size: 8MiB
commitlog_total_space: 128MiB
memtable_heap_space: ${memtableMb}MiB
memtable_offheap_space: ${memtableMb}MiB
memtable_allocation_type: offheap_objects
file_cache_size: 32MiB
networking_cache_size: 16MiB
key_cache_size: 8MiB
counter_cache_size: 0MiB
concurrent_reads: 8
concurrent_writes: 16
concurrent_compactors: 1
compaction_throughput: 32MiB/s
native_transport_max_threads: 32
disk_access_mode: mmap_index_only
auto_snapshot: false
hinted_handoff_enabled: true
paxos_variant: v2
authenticator: AllowAllAuthenticator
authorizer: AllowAllAuthorizer
role_manager: CassandraRoleManager
`;
}

const LOGBACK = `<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%d{ISO8601} %-5level [%thread] %logger{0} - %msg%n</pattern></encoder></appender>
  <root level="INFO"><appender-ref ref="OUT"/></root>
</configuration>
`;

// What Cassandra's own start script (conf/jvm17-server.options) opens to it of the Java modules.
const OPENED = ['lang', 'lang.module', 'lang.reflect', 'io', 'util'].map((name) => `java.${name}`);
const OPENED_INSIDE = ['loader', 'ref', 'reflect', 'math', 'module', 'util.jar'].map((name) => `jdk.internal.${name}`);
const EXPORTED = [
  ...['java.base/jdk.internal.misc', 'java.base/java.lang.ref', 'java.sql/java.sql', 'jdk.unsupported/sun.misc'],
  ...['java.management.rmi/com.sun.jmx.remote.internal.rmi', 'java.rmi/sun.rmi.registry', 'java.rmi/sun.rmi.server'],
  ...['jdk.compiler/com.sun.tools.javac.file', 'jdk.attach/sun.tools.attach'],
];

/** The arguments of `java`, for a node whose files {@link writeNodeFiles} wrote. */
export function javaArguments({ folder, heapMb }: NodeSettings, jars: readonly string[]): string[] {
  const conf = path.join(folder, 'conf');
  return [
    ...[`-Xms${heapMb}m`, `-Xmx${heapMb}m`, '-Xss256k', '-XX:+UseSerialGC', '-XX:MaxDirectMemorySize=128m'],
    ...['-XX:ReservedCodeCacheSize=96m', '-XX:+ExitOnOutOfMemoryError', '-Djava.net.preferIPv4Stack=true'],
    '-Djdk.attach.allowAttachSelf=true',
    ...[...OPENED, 'sun.nio.ch', ...OPENED_INSIDE].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
    '--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED',
    '--add-opens=jdk.compiler/com.sun.tools.javac=ALL-UNNAMED',
    ...EXPORTED.map((name) => `--add-exports=${name}=ALL-UNNAMED`),
    '-Dio.netty.tryReflectionSetAccessible=true',
    '-Dio.netty.allocator.maxOrder=11',
    `-Dcassandra.config=file://${path.join(conf, 'cassandra.yaml')}`,
    `-Dcassandra.storagedir=${folder}`,
    `-Dcassandra.triggers_dir=${conf}`,
    `-Djava.io.tmpdir=${path.join(folder, 'tmp')}`,
    `-Dlogback.configurationFile=${path.join(conf, 'logback.xml')}`,
    // Of a node that is alone, or whose neighbours start with it, nobody has to be waited for.
    ...['-Dcassandra.ring_delay_ms=2000', '-Dcassandra.skip_wait_for_gossip_to_settle=0'],
    ...['-Dcassandra-foreground=yes', '-Dcassandra.superuser_setup_delay_ms=-1', '-Dcassandra.jmx.local.port=0'],
    ...['-cp', jars.join(path.delimiter), 'org.apache.cassandra.service.CassandraDaemon'],
  ];
}

/** Makes the folders of a node and writes its configuration anew; data stay. */
export function writeNodeFiles(settings: NodeSettings): void {
  for (const name of ['conf', 'data', 'commitlog', 'tmp'])
    mkdirSync(path.join(settings.folder, name), { recursive: true, mode: 0o700 });
  writeFileSync(path.join(settings.folder, 'conf', 'cassandra.yaml'), yaml(settings));
  writeFileSync(path.join(settings.folder, 'conf', 'logback.xml'), LOGBACK);
}
