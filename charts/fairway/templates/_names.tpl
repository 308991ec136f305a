{{/* Names, labels and images: what more than one manifest says. */}}

{{- define "fairway.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "fairway.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "fairway.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "fairway.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "fairway.controller" -}}{{ include "fairway.fullname" . }}-controller{{- end -}}
{{- define "fairway.dataplane" -}}{{ include "fairway.fullname" . }}-dataplane{{- end -}}

{{- define "fairway.controllerAccount" -}}
{{- .Values.controller.serviceAccount.name | default (ternary (include "fairway.controller" .) "default" .Values.controller.serviceAccount.create) -}}
{{- end -}}
{{- define "fairway.dataplaneAccount" -}}
{{- .Values.dataPlane.serviceAccount.name | default (ternary (include "fairway.dataplane" .) "default" .Values.dataPlane.serviceAccount.create) -}}
{{- end -}}

{{- define "fairway.sharedNamespace" -}}
{{- $namespace := .Values.sharedConfig.namespace | default (printf "%s-shared" .Release.Namespace) -}}
{{- if eq $namespace .Release.Namespace -}}
{{- fail "sharedConfig.namespace must be a namespace of its own: whoever may read one object in it may read all" -}}
{{- end -}}
{{- $namespace -}}
{{- end -}}

{{- define "fairway.electionID" -}}
{{- get .Values.controller.extraArgs "election-id" | default .Values.controller.electionID | default (printf "%s-leader" (include "fairway.fullname" .)) -}}
{{- end -}}

{{- define "fairway.image" -}}
{{- if .image.digest -}}{{ .image.repository }}@{{ .image.digest }}{{- else -}}{{ .image.repository }}:{{ .image.tag | default .root.Chart.AppVersion }}{{- end -}}
{{- end -}}

{{/* (dict "root" $ "component" "controller") */}}
{{- define "fairway.selector" -}}
app.kubernetes.io/name: {{ include "fairway.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "fairway.labels" -}}
{{ include "fairway.selector" . }}
app.kubernetes.io/part-of: fairway
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}
