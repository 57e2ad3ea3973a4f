{{/* Labels of every object; component is the second of the list. */}}
{{- define "weir.labels" -}}
{{- $root := index . 0 -}}
{{ include "weir.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name ($root.Chart.Version | replace "+" "_") }}
{{- end }}

{{- define "weir.selector" -}}
app.kubernetes.io/name: weir
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* The reference of an image; `(list . .Values.operator.image)`. A digest says all that a tag would. */}}
{{- define "weir.image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- $name := printf "%s/%s" $root.Values.image.registry $image.repository -}}
{{- if $image.digest -}}
{{ $name }}@{{ $image.digest }}
{{- else -}}
{{ $name }}:{{ $root.Values.image.tag | default $root.Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "weir.sink" -}}
{{- if .Values.sink.enabled -}}
{{- if .Values.sink.url -}}
{{- fail "sink.url needs sink.enabled=false" -}}
{{- end -}}
https://weir-audit-sink.{{ .Release.Namespace }}.svc:9440
{{- else -}}
{{- if not .Values.sink.url -}}
{{- fail "sink.url is needed when sink.enabled is false" -}}
{{- end -}}
{{ .Values.sink.url }}
{{- end -}}
{{- end }}

{{/* The port of a sink elsewhere. */}}
{{- define "weir.sinkPort" -}}
{{- $url := urlParse (include "weir.sink" .) -}}
{{- regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default (ternary "443" "80" (eq $url.scheme "https")) -}}
{{- end }}

{{/* The level `restricted` of the Pod Security Standards, and more. */}}
{{- define "weir.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "weir.containerSecurityContext" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{/* Where pods of a component run: `(list . .Values.operator)`. */}}
{{- define "weir.placement" -}}
{{- $root := index . 0 -}}
{{- $values := index . 1 -}}
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{/* Namespaces whose pods are never touched, and those that are looked at. */}}
{{- define "weir.namespaceRequirements" -}}
- key: kubernetes.io/metadata.name
  operator: NotIn
  values: [kube-system, {{ .Release.Namespace }}]
{{- with .Values.watchNamespaces }}
- key: kubernetes.io/metadata.name
  operator: In
  values: {{- toYaml . | nindent 4 }}
{{- end }}
{{- end }}

{{/* Before anything of the release goes. The hook's objects go with it, in the order of their weights. */}}
{{- define "weir.removalMetadata" -}}
name: weir-removal
labels: {{- include "weir.labels" (list (index . 0) "removal") | nindent 2 }}
annotations:
  helm.sh/hook: pre-delete
  helm.sh/hook-weight: {{ index . 1 | quote }}
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}
