#include <catch2/catch.hpp>

#include "core/kube/apply.hpp"
#include "tests/unit/kube/fixture.hpp"

using gitops::kube::with_defaults;
using gitops::kube_test::text;
using gitops::kube_test::yaml;

TEST_CASE("a Deployment with its defaults") {
    const auto deployment = yaml(R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      serviceAccountName: bot
      containers:
      - name: web
        image: registry:5000/web
        ports: [{containerPort: 80}]
        livenessProbe: {httpGet: {port: 80}}
        resources: {limits: {cpu: 1000m}}
      volumes:
      - {name: tmp}
      - {name: cfg, configMap: {name: c}}
)");
    CHECK(text(with_defaults(deployment)) == R"(apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  progressDeadlineSeconds: 600
  replicas: 1
  revisionHistoryLimit: 10
  strategy:
    rollingUpdate:
      maxSurge: 25%
      maxUnavailable: 25%
    type: RollingUpdate
  template:
    spec:
      containers:
      - image: registry:5000/web
        imagePullPolicy: Always
        livenessProbe:
          failureThreshold: 3
          httpGet:
            path: /
            port: 80
            scheme: HTTP
          periodSeconds: 10
          successThreshold: 1
          timeoutSeconds: 1
        name: web
        ports:
        - containerPort: 80
          protocol: TCP
        resources:
          limits:
            cpu: "1"
        terminationMessagePath: /dev/termination-log
        terminationMessagePolicy: File
      dnsPolicy: ClusterFirst
      restartPolicy: Always
      schedulerName: default-scheduler
      securityContext: {}
      serviceAccount: bot
      serviceAccountName: bot
      terminationGracePeriodSeconds: 30
      volumes:
      - emptyDir: {}
        name: tmp
      - configMap:
          defaultMode: 420
          name: c
        name: cfg
)");
}

TEST_CASE("defaulting twice changes nothing and copies nothing") {
    for (const char* manifest :
         {"{apiVersion: apps/v1, kind: StatefulSet, spec: {template: {spec: {containers: [{name: a, image: 'x:1'}]}}, volumeClaimTemplates: [{spec: {}}]}}",
          "{apiVersion: v1, kind: Service, spec: {type: LoadBalancer, sessionAffinity: ClientIP, ports: [{port: 80}]}}",
          "{apiVersion: v1, kind: Secret, stringData: {a: b}}", "{apiVersion: v1, kind: Namespace, metadata: {name: n}}",
          "{apiVersion: example.com/v1, kind: Widget, spec: {x: null, y: []}}"}) {
        INFO(manifest);
        const auto once = with_defaults(yaml(manifest));
        CHECK(with_defaults(once).same_node(once));
    }
}

TEST_CASE("image tags decide the pull policy") {
    auto policy = [](const std::string& image) {
        const auto pod = with_defaults(yaml("{apiVersion: v1, kind: Pod, spec: {containers: [{name: a, image: '" + image + "'}]}}"));
        return std::string(pod.path("spec", "containers")->items()[0].text_at("imagePullPolicy"));
    };
    CHECK(policy("nginx") == "Always");
    CHECK(policy("nginx:latest") == "Always");
    CHECK(policy("host:5000/nginx") == "Always");
    CHECK(policy("host:5000/nginx:1.2") == "IfNotPresent");
    CHECK(policy("nginx@sha256:0123") == "IfNotPresent");
    CHECK(policy("nginx:latest@sha256:0123") == "Always");
}

TEST_CASE("other kinds with their defaults") {
    struct Case {
        const char* given;
        const char* whole;
    };
    const Case cases[] = {
        {"{apiVersion: v1, kind: Service, spec: {ports: [{port: 80}, {port: 81, targetPort: http}]}}",
         "{apiVersion: v1, kind: Service, spec: {ports: [{port: 80, protocol: TCP, targetPort: 80}, {port: 81, protocol: TCP, targetPort: http}], "
         "sessionAffinity: None, type: ClusterIP, internalTrafficPolicy: Cluster}}"},
        {"{apiVersion: v1, kind: Service, spec: {type: ExternalName, externalName: a.b}}",
         "{apiVersion: v1, kind: Service, spec: {type: ExternalName, externalName: a.b, sessionAffinity: None}}"},
        {"{apiVersion: batch/v1, kind: Job, spec: {parallelism: 3}}",
         "{apiVersion: batch/v1, kind: Job, spec: {parallelism: 3, backoffLimit: 6, completionMode: NonIndexed, suspend: false, "
         "podReplacementPolicy: TerminatingOrFailed}}"},
        {"{apiVersion: batch/v1, kind: CronJob, spec: {schedule: '@daily'}}",
         "{apiVersion: batch/v1, kind: CronJob, spec: {schedule: '@daily', concurrencyPolicy: Allow, suspend: false, "
         "successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1}}"},
        {"{apiVersion: apps/v1, kind: DaemonSet, spec: {updateStrategy: {type: OnDelete}}}",
         "{apiVersion: apps/v1, kind: DaemonSet, spec: {updateStrategy: {type: OnDelete}, revisionHistoryLimit: 10}}"},
        {"{apiVersion: v1, kind: Secret, stringData: {a: x}, data: {b: eQ==}}",
         "{apiVersion: v1, kind: Secret, data: {a: eA==, b: eQ==}, type: Opaque}"},
        {"{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, spec: {podSelector: {}, egress: [{ports: [{port: 53}]}]}}",
         "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, spec: {podSelector: {}, egress: [{ports: [{port: 53, protocol: TCP}]}], "
         "policyTypes: [Ingress, Egress]}}"},
        {"{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, roleRef: {kind: Role, name: r}, subjects: [{kind: User, name: u}]}",
         "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}, "
         "subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: u}]}"},
        {"{apiVersion: v1, kind: PersistentVolumeClaim, spec: {resources: {requests: {storage: 1024Mi}}}}",
         "{apiVersion: v1, kind: PersistentVolumeClaim, spec: {resources: {requests: {storage: 1Gi}}, volumeMode: Filesystem}, status: {phase: Pending}}"},
        {"{apiVersion: v1, kind: ConfigMap, data: {}, metadata: {labels: {a: null}}}",
         "{apiVersion: v1, kind: ConfigMap, metadata: {labels: {a: ''}}}"},
        {"{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, value: 0}",
         "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, value: 0, preemptionPolicy: PreemptLowerPriority}"},
        {"{apiVersion: v1, kind: Pod, spec: [text]}", "{apiVersion: v1, kind: Pod, spec: [text]}"}};
    for (const auto& [given, whole] : cases) CHECK(text(with_defaults(yaml(given))) == text(yaml(whole)));
}
