/** A small Knative Service; the lines of `traffic` follow its template. */
export function service(
  traffic = '',
  {
    name = 'example-service',
    namespace = 'shop',
    revision = '',
  }: Partial<Record<'name' | 'namespace' | 'revision', string>> = {},
): string {
  const metadata = revision === '' ? '' : `    metadata:\n      name: ${revision}\n`
  return `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  template:
${metadata}    spec:
      containers:
        - name: user-container # keep
          image: example.com/shop:1.0
          readinessProbe:
            successThreshold: 1
            tcpSocket:
              port: 0
${traffic}`
}
