// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IGovernanceCheck, IGovernedGovernor} from "../../../contracts/governance/IGovernanceCheck.sol";
import {GovernanceCheck} from "../../../contracts/governance/GovernanceCheck.sol";
import {EXCLUDED_VOTES} from "../../../contracts/governance/ExcludedVotes.sol";
import {IGovernorLevels} from "../../../contracts/governance/IGovernorLevels.sol";
import {Governed} from "../../../contracts/common/Governed.sol";
import {GovernanceBase, IDimoGovernor} from "../support/GovernanceBase.t.sol";

/// @dev What an upgrade by mistake could bring: a token that counts blocks.
contract BlockToken is Governed {
    function clock() external view returns (uint48) {
        return uint48(block.number);
    }
}

/// @dev The governor with two more levels, which ask for everybody.
contract FiveLevels {
    IDimoGovernor private immutable governor;

    constructor(address governor_) {
        governor = IDimoGovernor(governor_);
    }

    function levelTerms(uint8 level) external view returns (IGovernorLevels.LevelTerms memory) {
        if (level == 0 || level == 4) return IGovernorLevels.LevelTerms(10_000, 10_000);
        return governor.levelTerms(level);
    }

    fallback(bytes calldata data) external returns (bytes memory answer) {
        (, answer) = address(governor).staticcall(data);
    }
}

/// @title A batch that ends with the check can't leave the holders without a vote: it reverts whole.
contract GovernanceCheckTest is GovernanceBase {
    GovernanceCheck private check;

    function setUp() public override {
        super.setUp();
        check = new GovernanceCheck();
    }

    function test_passes_where_nothing_breaks() public {
        carry(checked(light(3)));
        assertEq(sink.last(), 3, "executed");
    }

    // The timelock.

    /// @dev Without the check the same batch goes through: AccessManager lets its last admin go.
    function test_losing_the_admin() public {
        bytes memory revoke = abi.encodeCall(AccessManager.revokeRole, (0, address(timelock)));
        Dip memory dip = one(address(manager), revoke, "revoke");
        assertReverts(
            checked(dip),
            abi.encodeWithSelector(IGovernanceCheck.GovernanceAdminLost.selector, address(timelock), address(manager))
        );
        dip.text = "unchecked";
        carry(dip);
        (bool isAdmin, ) = manager.hasRole(0, address(timelock));
        assertTrue(!isAdmin, "gone for good");
    }

    function test_an_admin_with_a_delay() public {
        bytes memory grant = abi.encodeCall(AccessManager.grantRole, (0, address(timelock), 1 days));
        assertReverts(
            checked(one(address(manager), grant, "delay")),
            abi.encodeWithSelector(IGovernanceCheck.GovernanceAdminLost.selector, address(timelock), address(manager))
        );
    }

    function test_cutting_the_timelock_role_by_role() public {
        cutting(timelock.PROPOSER_ROLE(), address(governor));
        cutting(timelock.EXECUTOR_ROLE(), address(governor));
        cutting(timelock.CANCELLER_ROLE(), address(governor));
        cutting(timelock.DEFAULT_ADMIN_ROLE(), address(timelock));
    }

    function cutting(bytes32 role, address holder) private {
        assertReverts(
            checked(one(address(timelock), abi.encodeCall(IAccessControl.revokeRole, (role, holder)), "cut")),
            abi.encodeWithSelector(
                IGovernanceCheck.GovernanceTimelockCut.selector,
                address(governor),
                address(timelock)
            )
        );
    }

    function test_a_contract_that_obeys_somebody_else() public {
        moving(address(token));
        moving(address(treasury));
    }

    /// @dev The token is the first that the check looks at, the treasury the last.
    function moving(address governed) private {
        AccessManager other = new AccessManager(bob);
        bytes memory move = abi.encodeCall(AccessManager.updateAuthority, (governed, address(other)));
        assertReverts(
            checked(one(address(manager), move, "move")),
            abi.encodeWithSelector(IGovernanceCheck.GovernanceAuthorityMoved.selector, governed, address(other))
        );
    }

    // Times, each at its limit and one second beyond.

    function test_delays_at_their_limit_pass() public {
        Dip memory dip = one(address(governor), abi.encodeCall(IDimoGovernor.setVotingDelay, (30 days)), "slow");
        dip = and(dip, address(governor), abi.encodeCall(IDimoGovernor.setVotingPeriod, (30 days)));
        dip = and(dip, address(timelock), abi.encodeCall(TimelockController.updateDelay, (30 days)));
        carry(checked(dip));
        assertEq(governor.votingDelay() + governor.votingPeriod() + timelock.getMinDelay(), 90 days, "slow but alive");
    }

    function test_the_shortest_vote_passes() public {
        carry(checked(one(address(governor), abi.encodeCall(IDimoGovernor.setVotingPeriod, (1 days)), "quick")));
        assertEq(governor.votingPeriod(), 1 days, "quick");
    }

    function test_an_absurd_voting_delay() public {
        bytes memory set = abi.encodeCall(IDimoGovernor.setVotingDelay, (30 days + 1));
        assertAbsurd(address(governor), set, 30 days + 1, 7 days, 4 days);
    }

    function test_an_absurd_voting_period() public {
        bytes memory set = abi.encodeCall(IDimoGovernor.setVotingPeriod, (30 days + 1));
        assertAbsurd(address(governor), set, 2 days, 30 days + 1, 4 days);
        set = abi.encodeCall(IDimoGovernor.setVotingPeriod, (1 days - 1));
        assertAbsurd(address(governor), set, 2 days, 1 days - 1, 4 days);
    }

    function test_an_absurd_timelock_delay() public {
        bytes memory set = abi.encodeCall(TimelockController.updateDelay, (30 days + 1));
        assertAbsurd(address(timelock), set, 2 days, 7 days, 30 days + 1);
    }

    function assertAbsurd(
        address target,
        bytes memory set,
        uint256 delay,
        uint256 period,
        uint256 timelockDelay
    ) private {
        assertReverts(
            checked(one(target, set, string(set))),
            abi.encodeWithSelector(IGovernanceCheck.GovernanceTimesAbsurd.selector, delay, period, timelockDelay)
        );
    }

    // Votes.

    function test_a_threshold_that_no_quorum_reaches() public {
        bytes memory raise = abi.encodeCall(IDimoGovernor.setProposalThreshold, (20 * M + 1));
        assertReverts(
            checked(one(address(governor), raise, "raise")),
            abi.encodeWithSelector(IGovernanceCheck.GovernanceThresholdUnreachable.selector, 20 * M + 1, 20 * M)
        );
        raise = abi.encodeCall(IDimoGovernor.setProposalThreshold, (20 * M));
        carry(checked(one(address(governor), raise, "as much as the quorum")));
        assertEq(governor.proposalThreshold(), 20 * M, "raised");
    }

    /// @dev The quorum is that of the last second: 10 % of the 30 M left to Carol.
    function test_a_threshold_that_the_holders_left_behind() public {
        address[3] memory leaving = [alice, bob, whale];
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(leaving[i]);
            token.delegate(EXCLUDED_VOTES);
        }
        (address target, bytes memory data) = checking(address(governor));
        assertCheck(target, data, "");
        vm.warp(block.timestamp + 1);
        bytes4 selector = IGovernanceCheck.GovernanceThresholdUnreachable.selector;
        assertCheck(target, data, abi.encodeWithSelector(selector, 5 * M, 3 * M));
    }

    /// @dev Of a governor that has further levels, the check asks nothing about them.
    function test_other_levels_than_the_three_are_not_looked_at() public {
        FiveLevels other = new FiveLevels(address(governor));
        bytes32[3] memory roles = [timelock.PROPOSER_ROLE(), timelock.EXECUTOR_ROLE(), timelock.CANCELLER_ROLE()];
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(address(timelock));
            timelock.grantRole(roles[i], address(other));
        }
        (address target, bytes memory data) = checking(address(other));
        assertCheck(target, data, "");
    }

    function assertCheck(address target, bytes memory data, bytes memory reason) private view {
        (bool done, bytes memory found) = target.staticcall(data);
        assertTrue(done == (reason.length == 0), "outcome");
        assertEq(keccak256(found), keccak256(reason), "reason");
    }

    function test_levels_that_cannot_be_met() public {
        for (uint8 level = 1; level <= 3; ++level) {
            assertUnreachable(level, 9_001, 100);
            assertUnreachable(level, 6_000, 5_001);
        }
    }

    function test_levels_that_can_just_be_met() public {
        Dip memory dip = one(
            address(governor),
            abi.encodeCall(IGovernorLevels.setLevelTerms, (3, 9_000, 5_000)),
            "high"
        );
        carry(checked(dip));
        assertEq(governor.levelTerms(3).majorityBps, 9_000, "set");
    }

    function assertUnreachable(uint8 level, uint16 majorityBps, uint16 quorumBps) private {
        bytes memory set = abi.encodeCall(IGovernorLevels.setLevelTerms, (level, majorityBps, quorumBps));
        assertReverts(
            checked(one(address(governor), set, string(set))),
            abi.encodeWithSelector(IGovernanceCheck.GovernanceLevelUnreachable.selector, level, majorityBps, quorumBps)
        );
    }

    function test_a_token_that_counts_blocks() public {
        BlockToken code = new BlockToken();
        bytes memory upgrade = abi.encodeCall(UUPSUpgradeable.upgradeToAndCall, (address(code), ""));
        assertReverts(
            checked(one(address(token), upgrade, "upgrade")),
            abi.encodeWithSelector(IGovernanceCheck.GovernanceClockLost.selector, address(token), uint48(block.number))
        );
    }

    function test_its_limits() public view {
        assertEq(check.DELAY_MAX(), 30 days, "longest");
        assertEq(check.VOTING_PERIOD_MIN(), 1 days, "shortest");
        assertEq(check.MAJORITY_BPS_MAX(), 9_000, "majority");
        assertEq(check.QUORUM_BPS_MAX(), 5_000, "quorum");
    }

    function checked(Dip memory dip) private view returns (Dip memory) {
        (address target, bytes memory data) = checking(address(governor));
        return and(dip, target, data);
    }

    function checking(address subject) private view returns (address, bytes memory) {
        IAccessManaged[] memory governed = new IAccessManaged[](2);
        governed[0] = IAccessManaged(address(token));
        governed[1] = IAccessManaged(address(treasury));
        bytes memory data = abi.encodeCall(
            GovernanceCheck.assertGovernable,
            (IGovernedGovernor(subject), manager, governed)
        );
        return (address(check), data);
    }

    /// @dev The proposal is still queued afterwards and everything is as it was.
    function assertReverts(Dip memory dip, bytes memory reason) private {
        uint256 id = carryToQueue(dip);
        vm.warp(governor.proposalEta(id));
        vm.expectRevert(reason);
        execute(dip);
        (bool isAdmin, ) = manager.hasRole(0, address(timelock));
        assertTrue(isAdmin, "still in charge");
    }
}
