// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {IGovernorLevels} from "../../../contracts/governance/IGovernorLevels.sol";
import {IDimoToken} from "../../../contracts/token/IDimoToken.sol";
import {ITreasury} from "../../../contracts/treasury/ITreasury.sol";
import {Base} from "./Base.t.sol";

/// @dev The governor as deployed: its artifact is what is tested, so only its interface is compiled here.
interface IDimoGovernor is IGovernor, IGovernorLevels {
    function proposalVotes(uint256) external view returns (uint256 against, uint256 inFavour, uint256 abstain);
    function proposalGuardian() external view returns (address);
    function proposalGuardianUntil() external view returns (uint48);
    function setProposalGuardian(address guardian) external;
    function setVotingDelay(uint48 delay) external;
    function setVotingPeriod(uint32 period) external;
    function updateTimelock(address timelock) external;
    function usedVotes(uint256 proposalId, address voter) external view returns (uint256);
    function setProposalThreshold(uint256 threshold) external;
    function spendInWindow() external view returns (uint256);
    function latestProposal(address proposer) external view returns (uint256);
    function nonces(address owner) external view returns (uint256);
    function timelock() external view returns (address);
    function relay(address target, uint256 value, bytes calldata data) external payable;
}

interface IToken is IERC20, IVotes, IERC6372, IDimoToken {}

/// @dev Something to govern: remembers the last call.
contract Sink {
    uint256 public last;

    function light(uint256 value) external {
        last = value;
    }

    function medium(uint256 value) external {
        last = value;
    }

    function heavy(uint256 value) external payable {
        last = value;
    }
}

/// @title The whole of governance, deployed as in production, and one helper that takes a proposal through it.
abstract contract GovernanceBase is Base {
    struct Dip {
        address[] targets;
        uint256[] values;
        bytes[] calldatas;
        string text;
    }

    uint256 internal constant M = 1_000_000e18;

    address internal immutable alice = account("alice");
    address internal immutable bob = account("bob");
    address internal immutable carol = account("carol");
    address internal immutable whale = account("whale");
    address internal immutable guardian = account("guardian");

    AccessManager internal manager;
    TimelockController internal timelock;
    IDimoGovernor internal governor;
    IToken internal token;
    ITreasury internal treasury;
    Sink internal sink;

    /// @dev Alice 40 M, Bob 30 M, Carol 30 M, the whale 100 M, the treasury 800 M: 200 M circulate.
    function setUp() public virtual {
        vm.warp(1_800_000_000);
        manager = new AccessManager(address(this));
        IDimoToken.Allocation[] memory allocations = new IDimoToken.Allocation[](4);
        allocations[0] = IDimoToken.Allocation(alice, 40 * M);
        allocations[1] = IDimoToken.Allocation(bob, 30 * M);
        allocations[2] = IDimoToken.Allocation(carol, 30 * M);
        allocations[3] = IDimoToken.Allocation(whale, 100 * M);
        address tokenCode = deploy("contracts/token/DimoToken.sol:DimoToken", "");
        address treasuryCode = deploy("contracts/treasury/Treasury.sol:Treasury", "");
        // The token mints to the treasury, and the treasury delegates the token: one address is known beforehand.
        address treasuryAt = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        token = IToken(
            proxy(tokenCode, abi.encodeCall(IDimoToken.initialize, (address(manager), treasuryAt, allocations)))
        );
        treasury = ITreasury(
            proxy(treasuryCode, abi.encodeCall(ITreasury.initialize, (address(manager), address(token))))
        );
        assertEq(address(treasury), treasuryAt, "treasury address");

        sink = new Sink();
        timelock = new TimelockController(4 days, new address[](0), new address[](0), address(this));
        governor = IDimoGovernor(
            deploy(
                "contracts/governance/DimoGovernor.sol:DimoGovernor",
                abi.encode(token, timelock, guardian, _rules())
            )
        );
        timelock.grantRole(timelock.PROPOSER_ROLE(), address(governor));
        timelock.grantRole(timelock.EXECUTOR_ROLE(), address(governor));
        timelock.grantRole(timelock.CANCELLER_ROLE(), address(governor));
        timelock.renounceRole(timelock.DEFAULT_ADMIN_ROLE(), address(this));
        manager.grantRole(0, address(timelock), 0);
        manager.renounceRole(0, address(this));

        for (uint256 i = 0; i < allocations.length; ++i) {
            vm.prank(allocations[i].holder);
            token.delegate(allocations[i].holder);
        }
        vm.warp(block.timestamp + 1);
    }

    function proxy(address implementation, bytes memory initialization) internal returns (address) {
        return address(new ERC1967Proxy(implementation, initialization));
    }

    function _rules() internal view returns (IGovernorLevels.ActionRuleEntry[] memory rules) {
        rules = new IGovernorLevels.ActionRuleEntry[](4);
        rules[0] = _rule(address(sink), Sink.light.selector, IGovernorLevels.ActionKind.Level1, 0, 0, 0);
        rules[1] = _rule(address(sink), Sink.medium.selector, IGovernorLevels.ActionKind.Level2, 0, 0, 0);
        rules[2] = _rule(address(treasury), ITreasury.spend.selector, IGovernorLevels.ActionKind.Spend, 3, 2, 0);
        rules[3] = _rule(address(token), IERC20.transfer.selector, IGovernorLevels.ActionKind.Spend, 2, 1, 255);
    }

    function _rule(
        address target,
        bytes4 selector,
        IGovernorLevels.ActionKind kind,
        uint8 words,
        uint8 amountWord,
        uint8 tokenWord
    ) internal pure returns (IGovernorLevels.ActionRuleEntry memory) {
        return
            IGovernorLevels.ActionRuleEntry(
                target,
                selector,
                IGovernorLevels.ActionRule(kind, words, amountWord, tokenWord)
            );
    }

    function one(address target, bytes memory data, string memory text) internal pure returns (Dip memory dip) {
        dip = Dip(new address[](1), new uint256[](1), new bytes[](1), text);
        dip.targets[0] = target;
        dip.calldatas[0] = data;
    }

    function and(Dip memory dip, address target, bytes memory data) internal pure returns (Dip memory longer) {
        uint256 count = dip.targets.length;
        longer = Dip(new address[](count + 1), new uint256[](count + 1), new bytes[](count + 1), dip.text);
        for (uint256 i = 0; i < count; ++i) {
            longer.targets[i] = dip.targets[i];
            longer.values[i] = dip.values[i];
            longer.calldatas[i] = dip.calldatas[i];
        }
        longer.targets[count] = target;
        longer.calldatas[count] = data;
    }

    function light(uint256 value) internal view returns (Dip memory) {
        return one(address(sink), abi.encodeCall(Sink.light, (value)), "light");
    }

    function medium(uint256 value) internal view returns (Dip memory) {
        return one(address(sink), abi.encodeCall(Sink.medium, (value)), "medium");
    }

    function heavy(uint256 value) internal view returns (Dip memory) {
        return one(address(sink), abi.encodeCall(Sink.heavy, (value)), "heavy");
    }

    function pay(address to, uint256 amount) internal view returns (bytes memory) {
        return abi.encodeCall(ITreasury.spend, (address(token), to, amount));
    }

    function propose(address proposer, Dip memory dip) internal returns (uint256) {
        vm.prank(proposer);
        return governor.propose(dip.targets, dip.values, dip.calldatas, dip.text);
    }

    function vote(address voter, uint256 id, uint8 support) internal {
        vm.prank(voter);
        governor.castVote(id, support);
    }

    function toVoting(uint256 id) internal {
        vm.warp(governor.proposalSnapshot(id) + 1);
    }

    function toEnd(uint256 id) internal {
        vm.warp(governor.proposalDeadline(id) + 1);
    }

    function queue(Dip memory dip) internal returns (uint256) {
        return governor.queue(dip.targets, dip.values, dip.calldatas, keccak256(bytes(dip.text)));
    }

    function execute(Dip memory dip) internal returns (uint256) {
        return governor.execute(dip.targets, dip.values, dip.calldatas, keccak256(bytes(dip.text)));
    }

    function cancel(address sender, Dip memory dip) internal {
        vm.prank(sender);
        governor.cancel(dip.targets, dip.values, dip.calldatas, keccak256(bytes(dip.text)));
    }

    /// @dev Alice proposes; everybody votes for it; it is queued.
    function carryToQueue(Dip memory dip) internal returns (uint256 id) {
        id = propose(alice, dip);
        toVoting(id);
        vote(alice, id, 1);
        vote(bob, id, 1);
        vote(carol, id, 1);
        vote(whale, id, 1);
        toEnd(id);
        queue(dip);
    }

    function carry(Dip memory dip) internal returns (uint256 id) {
        id = carryToQueue(dip);
        vm.warp(governor.proposalEta(id));
        execute(dip);
    }

    function assertState(uint256 id, IGovernor.ProposalState expected, string memory what) internal view {
        assertEq(uint256(governor.state(id)), uint256(expected), what);
    }

    function assertLevel(
        Dip memory dip,
        uint256 level,
        IGovernorLevels.LevelReason reason,
        string memory what
    ) internal view {
        (uint8 foundLevel, IGovernorLevels.LevelReason foundReason, ) = governor.levelOf(
            dip.targets,
            dip.values,
            dip.calldatas
        );
        assertEq(foundLevel, level, what);
        assertEq(uint256(foundReason), uint256(reason), string.concat(what, ": reason"));
    }
}
