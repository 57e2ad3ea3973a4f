import ArgumentParser
import CommandLineTool

@main
struct WeirCtl {
    static func main() async {
        await WeirCommand.main()
    }
}
