// A Kubernetes control plane in one process: etcd, the API server, and the few controllers that make pods of workloads.
//
//	apiserver ETCD_FOLDER ADMIN_KUBECONFIG [kube-apiserver flags]
package main

import (
	"context"
	"log"
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: apiserver ETCD_FOLDER ADMIN_KUBECONFIG [kube-apiserver flags]")
	}
	address, err := startEtcd(os.Args[1])
	if err != nil {
		log.Fatalf("etcd did not start: %v", err)
	}
	go func() {
		if err := runControllers(context.Background(), os.Args[2]); err != nil {
			log.Fatalf("the controllers did not start: %v", err)
		}
	}()
	command := app.NewAPIServerCommand()
	command.SetArgs(append([]string{"--etcd-servers=http://" + address}, os.Args[3:]...))
	os.Exit(cli.Run(command))
}
